"""Asterisk and FreePBX: queue_log lines and AMI queue events."""
