import type { Page } from 'playwright-core';

/**
 * Collects what a page should never say: errors and warnings on the console (a violation of the content security policy is
 * one), exceptions nobody caught, answers of the server from 500 on. Requests that `refused` names may be refused with 4xx.
 */
export function watchFaults(page: Page, refused?: RegExp): string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // The browser itself reports refused requests; those are judged by their answers below.
    if (message.text().startsWith('Failed to load resource')) return;
    faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.stack ?? error.message}`));
  page.on('response', (response) => {
    if (response.status() < 400) return;
    const said = `${response.status()} ${new URL(response.url()).pathname}`;
    if (response.status() < 500 && refused?.test(said)) return;
    faults.push(`answer: ${response.request().method()} ${said}`);
  });
  return faults;
}
