"""The archive in OpenSearch: for what one machine cannot hold."""
