"""Commands that use the network. They import Scrapy when they run."""
