/* app.js -- starts everything. */

import { effect } from '@preact/signals';
import { h, render } from 'preact';
import { keepFocus } from './lib/focus.js';
import { listen } from './router.js';
import { begin } from './store/account.js';
import { totalUnread } from './store/conversations.js';
import { App } from './views/app.js';
import { pageTitle } from './views/page-title.js';

const root = /** @type {HTMLElement} */ (document.getElementById('app'));

listen();
begin();
keepFocus(root);
render(h(App, {}), root);

effect(() => {
	document.title = pageTitle.value;
});

effect(() => {
	const icon = /** @type {HTMLLinkElement} */ (document.querySelector('link[rel=icon]'));
	const name = totalUnread.value > 0 ? 'icon-unread' : 'icon';
	const href = `./icons/${name}.svg`;
	if (icon.getAttribute('href') !== href)
		icon.setAttribute('href', href);
});
