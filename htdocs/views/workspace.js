import { html } from '../lib/html.js';
import { route } from '../router.js';
import { generation } from '../store/live.js';
import { ConversationPane } from './conversation-pane.js';
import { ConversationPanel } from './conversation-panel.js';
import { Dialogs } from './dialogs.js';
import { Home } from './home.js';
import { Sidebar } from './sidebar.js';
import { useShortcuts } from './use-shortcuts.js';

/** Everything behind the sign-in: list, conversation, panel. */
export function Workspace() {
	useShortcuts();
	const place = route.value;
	const open = place.page === 'conversation' ? place : null;
	const pane = !open ? 'list' : open.panel ? 'panel' : 'conversation';
	return html`<div class="workspace" data-pane=${pane}>
		<${Sidebar} />
		${open ? html`<${ConversationPane} key=${`${generation.value}:${open.id}`}
				place=${open} />`
			: html`<${Home} />`}
		${open?.panel && html`<${ConversationPanel} key=${open.id} id=${open.id} />`}
		<${Dialogs} />
	</div>`;
}
