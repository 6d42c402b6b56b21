import { Component, h } from 'preact';

/**
 * A component that renders again only when one of its properties is another
 * object than before.
 *
 * @param {(props: any) => any} view
 * @returns {any}
 */
export function memo(view) {
	return class Memo extends Component {
		/** @param {Record<string, any>} next */
		shouldComponentUpdate(next) {
			/** @type {Record<string, any>} */
			const now = this.props;
			for (const key in next)
				if (next[key] !== now[key])
					return true;
			return false;
		}

		render() {
			return h(view, this.props);
		}
	};
}
