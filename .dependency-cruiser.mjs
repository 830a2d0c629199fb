/**
 * The order of the house, written once. A room may import rooms on lower floors only; neighbours on a floor never touch.
 */
const floors = [
  ['base'],
  ['sdk'],
  ['expression'],
  ['schema'],
  ['storage', 'templates', 'outbound'],
  ['query', 'jobs', 'catalog'],
  ['access', 'hooks'],
  ['records'],
  ['identity', 'exchange', 'files', 'audit', 'mail', 'notifications', 'actions'],
  ['plugin-host', 'privacy'],
  ['http'],
];

const floorRules = floors.flatMap((rooms, floor) =>
  rooms.map((room) => ({
    name: `floor-${floor}-${room}`,
    comment: `core/${room} stands on floor ${floor}: it may import lower floors only. Declare an interface in core/sdk and bind it in app.module instead.`,
    severity: 'error',
    from: { path: `^core/${room}/`, pathNot: '\\.test\\.ts$' },
    to: { path: `^core/(?!(${[...floors.slice(0, floor).flat(), room].join('|')})/)`, pathNot: '^core/[^/]+\\.json$' },
  })),
);

export default {
  forbidden: [
    ...floorRules,
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    {
      name: 'one-door',
      comment: 'A room is entered by its index.ts (types.ts for types). Floors below storage are pure and small; base has no index.',
      severity: 'error',
      from: { path: '^core/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^core/([^/]+)/', pathNot: ['^core/$1/', '^core/base/', '^core/[^/]+/(index|types)\\.ts$'] },
    },
    { name: 'pure-floors', comment: 'base to schema know neither Nest nor a database.', severity: 'error', from: { path: '^core/(base|sdk|expression|schema)/', pathNot: '\\.test\\.ts$' }, to: { path: 'node_modules/(@nestjs|typeorm|pg|pg-boss)/' } },
    { name: 'only-storage-knows-pg', severity: 'error', from: { path: '^core/', pathNot: ['^core/storage/', '\\.test\\.ts$'] }, to: { path: 'node_modules/(typeorm|pg|pg-copy-streams)/' } },
    { name: 'only-http-knows-http', severity: 'error', from: { path: '^core/(?!http/)', pathNot: '\\.test\\.ts$' }, to: { path: 'node_modules/(@fastify|fastify|@nestjs/platform-fastify)/', dependencyTypesNot: ['type-only'] } },
    { name: 'plugins-see-sdk', comment: 'A plugin imports #sdk, its own folder, and its own packages.', severity: 'error', from: { path: '^plugins/([^/]+)/' }, to: { path: ['^(core|admin-ui|schemas|test)/', '^plugins/(?!$1/)'], pathNot: '^core/sdk/index\\.ts$' } },
    { name: 'system-sees-sdk', severity: 'error', from: { path: '^core/system/' }, to: { path: '^core/', pathNot: ['^core/system/', '^core/sdk/index\\.ts$'] } },
    { name: 'core-sees-no-plugin', severity: 'error', from: { path: '^core/' }, to: { path: '^(plugins|admin-ui)/' } },
    { name: 'core-sees-no-test', comment: 'Unit tests may share what test/support has.', severity: 'error', from: { path: '^core/', pathNot: '\\.test\\.ts$' }, to: { path: '^test/' } },
    { name: 'admin-ui-sees', comment: 'admin-ui sees schemas/, the pure room core/expression, what an operation of a change or a translation means, who is a principal, and HTTP.', severity: 'error', from: { path: '^admin-ui/', pathNot: '\\.test\\.ts$' }, to: { path: '^(core/(?!expression/)|plugins/|test/)', pathNot: '^core/(base/(errors|suggest)|schema/(apply-operations|diff-document|element-key|json|localize|longest-rising|operations|pointer|principals|problem))\\.ts$' } },
    ...['pages', 'shell', 'list|form|board|calendar|map|dashboard|record|import|trash|studio|audit', 'privacy', 'widgets', 'meta', 'api', 'ui'].map((room, i, all) => ({
      name: `admin-ui-${room.split('|')[0]}`,
      comment: 'Within admin-ui imports go down: pages → shell → list, form, record … → widgets → meta → api → ui.',
      severity: 'error',
      from: { path: `^admin-ui/src/(${room})/` },
      to: { path: `^admin-ui/src/(${all.slice(0, i).join('|') || 'none'})/` },
    })),
  ],
  options: { doNotFollow: { path: 'node_modules' }, tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' }, exclude: { path: '(^|/)(dist|\\.data)/' }, enhancedResolveOptions: { conditionNames: ['source', 'import', 'node', 'default'], exportsFields: ['exports'] } },
};
