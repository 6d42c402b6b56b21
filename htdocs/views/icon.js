import { icons } from 'lucide';
import { h } from 'preact';

/**
 * One icon of the line set. Decorative: the control around it has the name.
 *
 * @param {{ name: string, size?: number, class?: string }} props
 */
export function Icon({ name, size = 18, class: extra = '' }) {
	return h('svg', {
		'class': `icon ${extra}`, 'width': size, 'height': size, 'viewBox': '0 0 24 24',
		'fill': 'none', 'stroke': 'currentColor', 'stroke-width': size > 20 ? 1.5 : 1.75,
		'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true',
	}, icons[name].map(([element, attributes]) => h(element, attributes)));
}
