"""What is shown of WeCom on Temporal: a case is a function, and asserts what arrived."""
