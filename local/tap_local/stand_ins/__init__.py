"""What lies around the API of AWS, each a small stand-in that says so: the site, the load balancer's answers, TLS."""
