"""The generated reference of the documentation (`make docs`), and its site."""
