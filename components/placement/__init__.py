"""How a declared `Service` reaches a machine: one module a kind of machine."""
