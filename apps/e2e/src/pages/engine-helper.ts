import '@gradstream/engine/helper';
