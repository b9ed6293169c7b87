"""What do results look like?

Reports and studies as data (`report`, `study`), the closing sentence in words (`finding`), JSON,
figures and screens.
"""
