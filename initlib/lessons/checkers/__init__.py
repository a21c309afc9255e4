"""The checkers of functions, a module a chapter; `initlib.lessons._texts` says how."""
