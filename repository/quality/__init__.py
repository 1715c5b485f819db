"""How good a record is: correct, sufficient, clean, alive, unified, shared; and how FAIR."""
