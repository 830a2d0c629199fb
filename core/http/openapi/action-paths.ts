import type { ActionInfo } from '../../actions/index.js';

type Document = Record<string, unknown>;

/** The paths of actions: each under its own address, with its own input. */
export function actionPaths(actions: readonly ActionInfo[]): Record<string, Document> {
  const paths: Record<string, Document> = {};
  for (const action of actions) {
    paths[`/api/actions/${action.id}`] = { post: operationOf(action, false) };
    if (action.isPublic) paths[`/api/public/actions/${action.id}`] = { post: operationOf(action, true) };
  }
  return paths;
}

function operationOf({ id, title, input, needsLink }: ActionInfo, isPublic: boolean): Document {
  const parameters = isPublic
    ? needsLink
      ? [{ name: 't', in: 'query', required: true, schema: { type: 'string' }, description: 'The signed link' }]
      : []
    : [{ name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string', maxLength: 200 } }];
  return {
    operationId: `${isPublic ? 'public' : 'run'}${id.replace(/(^|[^A-Za-z0-9]+)(\w)/g, (_all, _gap, letter: string) => letter.toUpperCase())}`,
    tags: ['Actions'],
    summary: title,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(isPublic ? { security: [] } : {}),
    requestBody: { required: true, content: { 'application/json': { schema: { type: 'object', ...input } } } },
    responses: {
      '200': {
        description: 'Done',
        content: { 'application/json': { schema: { type: 'object', properties: { data: {} } } } },
      },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}
