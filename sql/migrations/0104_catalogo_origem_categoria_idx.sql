-- For the layers of the map: without it the features of a rare category are found by reading the origin of every entry.
CREATE INDEX catalogo_origem_categoria_idx ON catalogo_origem (categoria, catalogo_id);
