"""Commands that use the network; Scrapy is imported inside them only."""
