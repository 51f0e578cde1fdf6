"""Names of people: in bylines of pages, and in the elements of feeds."""
