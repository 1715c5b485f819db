"""Search engines, one file each, behind one protocol; `registry.py` names them."""
