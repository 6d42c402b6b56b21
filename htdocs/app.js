/* app.js -- starts everything. */

import { effect } from '@preact/signals';
import { h, render } from 'preact';
import { listen } from './router.js';
import { begin } from './store/account.js';
import { totalUnread } from './store/conversations.js';
import { App } from './views/app.js';
import { pageTitle } from './views/page-title.js';

listen();
begin();
render(h(App, {}), /** @type {HTMLElement} */ (document.getElementById('app')));

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
