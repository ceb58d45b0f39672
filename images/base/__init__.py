"""The base image: Debian trixie, pulled where a registry answers, else made with debootstrap."""
