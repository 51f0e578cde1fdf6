"""What a machine does to a program: its files recorded, refused and cut off (``shim.c``, ``cuts``), its clock set, its processes killed."""
