import { expect, it } from 'vitest';
import { webLink } from '../../../../bot/conversation/web-link.ts';

it('links to web pages alone, and nothing in an address or a text ends the link', () => {
  expect(webLink('its [log]', 'https://github.example/a(b)<c> d').markdown).toBe(
    '[its \\[log\\]](https://github.example/a%28b%29%3Cc%3E%20d)',
  );
  expect(webLink('its log', 'javascript:alert(1)').markdown).toBe('its log');
});
