"""The forms of the admin's pages about routing."""
