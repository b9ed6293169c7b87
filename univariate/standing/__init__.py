"""Where does a net stand? Certificates of KKT points, local and global minima: found, measured and
replayed.
"""
