"""The crawler: where reports are. Scrapy is imported by its commands only."""
