export default (await importBuilt('pg')).default;
