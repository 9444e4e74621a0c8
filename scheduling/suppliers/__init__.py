"""The network services that the domain makes use of; called by the worker, never while a customer waits."""
