"""What the platform promises, and how it is seen: KPIs, alert rules, Grafana dashboards."""
