"""What is kept: SQLAlchemy tables and the few transactions over them."""
