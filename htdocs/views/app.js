import { useRef } from 'preact/hooks';
import { html } from '../lib/html.js';
import { route } from '../router.js';
import { status } from '../store/session.js';
import { Announcer } from './announcer.js';
import { Entrance } from './entrance.js';
import { LinkPage } from './link-page.js';
import { Notices } from './notices.js';
import { OtherLink } from './other-link.js';
import { Unreachable } from './unreachable.js';
import { Workspace } from './workspace.js';

/** The whole page, by who is signed in. */
export function App() {
	return html`<${Page} /><${Notices} /><${Announcer} />`;
}

function Page() {
	const place = route.value;
	const code = place.page === 'join' || place.page === 'welcome' ? place.code : '';
	const followed = useRef('');
	switch (status.value) {
	case 'starting':
		return null;
	case 'unreachable':
		return html`<${Unreachable} />`;
	case 'signed_in':
		return code && code !== followed.current ? html`<${OtherLink} />` : html`<${Workspace} />`;
	default:
		followed.current = code;
		return code ? html`<${LinkPage} key=${code} code=${code} />` : html`<${Entrance} />`;
	}
}
