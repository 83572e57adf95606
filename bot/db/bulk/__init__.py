"""Loading much at once: files and posts of orders, customers, products, stores and staff; and its proof."""
