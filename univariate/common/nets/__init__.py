"""Networks made elsewhere, as the weights and biases of linear layers with ReLU between them."""
