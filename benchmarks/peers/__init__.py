"""django-spirit and Misago with the same content. What is in `inside/` runs in their own virtual environments."""
