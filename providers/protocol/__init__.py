"""The wire formats, pure: bytes in, values out. No I/O, no Django, no clock."""
