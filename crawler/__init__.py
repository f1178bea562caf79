"""The crawler: finds and fetches reports. Only its commands import Scrapy."""
