import { html } from '../lib/html.js';
import { connection } from '../store/live.js';
import { me } from '../store/session.js';
import { openDialog } from '../store/ui.js';
import { Avatar } from './avatar.js';
import { IconButton } from './icon-button.js';

/** How the live stream stands, in words. */
const words = {
	websocket: 'Live',
	events: 'Live (event stream)',
	polling: 'Polling',
	connecting: 'Connecting…',
	reconnecting: 'Reconnecting…',
};

/** Who I am, and whether the page is live. */
export function SidebarFoot() {
	const user = me.value;
	if (!user)
		return null;
	const state = connection.value;
	return html`<footer class="sidebar-foot">
		<button type="button" class="sidebar-me" onClick=${() => openDialog('settings')}
			title="Settings">
			<${Avatar} user=${user} small />
			<span class="sidebar-me-text">
				<span class="sidebar-me-name" dir="auto">${user.display_name}</span>
				<span class="connection connection-${state}" data-connection=${state}>${words[state]}</span>
			</span>
		</button>
		<${IconButton} icon="settings" label="Settings" onClick=${() => openDialog('settings')} />
	</footer>`;
}
