"""How lists of people to call read, and what is said to an answer under one."""
