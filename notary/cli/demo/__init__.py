"""The demonstration: a development chain, a service, sample announcements, and checks that must hold and must fail."""
