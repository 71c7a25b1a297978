"""What a page of weeks looks at: providers, sites, weeks, queues, channels, languages, topics. One for all pages."""
