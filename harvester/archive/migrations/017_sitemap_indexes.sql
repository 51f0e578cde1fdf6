-- Sitemap indexes are followed to their newest sitemaps, which are feeds too.

alter table feeds add column parent text not null default '';  -- the sitemap index that names it; '': the settings do
alter table feeds add column lastmod text not null default ''; -- when it was changed, as that index states last; '': not stated
