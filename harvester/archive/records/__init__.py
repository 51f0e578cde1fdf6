"""Tables, a module each: what is written to them and read back as typed rows."""
