/* Sets the chosen theme before the first paint; a classic script on purpose. */
(() => {
	try {
		const theme = localStorage.getItem(`natter:${location.pathname}:theme`);
		if (theme === 'light' || theme === 'dark')
			document.documentElement.dataset.theme = theme;
	} catch {
		/* Storage is blocked: the system's theme is used. */
	}
})();
