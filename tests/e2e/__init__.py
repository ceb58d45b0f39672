"""The platform as an operator meets it: real `pulumi up` of stacks of their own."""
