export const { chromium } = await importBuilt('playwright-core');
