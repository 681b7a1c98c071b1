-- Prices and terms under a name, to be copied into screenings.
CREATE TABLE price_templates (
    template_id uuid    PRIMARY KEY,
    venue_id    uuid    NOT NULL,
    name        text    NOT NULL,
    prices      jsonb   NOT NULL,
    currency    text    NOT NULL,
    terms       jsonb   NOT NULL,
    dropped     boolean NOT NULL,
    position    bigint  NOT NULL
);
CREATE INDEX price_templates_venue ON price_templates (venue_id, name) WHERE NOT dropped;
