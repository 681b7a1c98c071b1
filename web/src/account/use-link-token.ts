import { useEffect, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';

import { linkToken } from './link-token';

/** The token of the link that opened this page. It is removed from the address, and so from the browser's history. */
export function useLinkToken(): string | null {
  const location = useLocation();
  const navigate = useNavigate();
  const found = linkToken(location);
  const [token, setToken] = useState(found);
  // Another link may be opened in the same tab.
  if (found !== null && found !== token) setToken(found);
  useEffect(() => {
    if (found !== null) void navigate(location.pathname, { replace: true, preventScrollReset: true });
  }, [found, location.pathname, navigate]);
  return token;
}
