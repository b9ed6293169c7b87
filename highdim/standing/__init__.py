"""Where does a net stand? Certificates of KKT points, and the KKT point of a net's cell."""
