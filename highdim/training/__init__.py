"""Where does training lead? Flow and descent in the space of weights or of the Gram matrix."""
