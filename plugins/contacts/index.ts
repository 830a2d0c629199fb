import { definePlugin } from '#sdk';
import { completeActivity } from './hooks/complete-activity.js';
import { deriveFullName } from './hooks/derive-full-name.js';
import { flagDuplicates } from './hooks/flag-duplicates.js';
import { normaliseCompany, normaliseContact } from './hooks/normalise.js';

export default definePlugin({
  hooks: [normaliseContact, normaliseCompany, deriveFullName, flagDuplicates, completeActivity],
});
