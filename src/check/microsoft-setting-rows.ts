import type { Setting } from './product-setting-rows.ts';

const CMDLETS = 'https://learn.microsoft.com/en-us/powershell/module/skypeforbusiness';

const SDK = 'https://learn.microsoft.com/en-us/previous-versions/office/developer/communication-server';
const TOML = 'https://blogs.technet.microsoft.com/toml/2004/11/30/lcs-2003-windows-messenger-5-connectivity/';
const OCS_USER =
  'https://docs.microsoft.com/en-us/previous-versions/office/communications-server/dd572611(v=office.13)';
const COMMUNICATIONS_TAB = 'Active Directory Users and Computers, tab Communications of the user';
const LCS_USER = `${SDK}-2005/cc165067(v=office.11)`;
const LCS_ENABLED = 'WMI class MSFT_SIPESUserSetting, values Enabled and EnabledForInternetAccess';
const OCS_LISTENING = `${SDK}-2007-R2/dd185887(v=office.13)`;
const LCS_LISTENING =
  'https://learn.microsoft.com/en-us/previous-versions/office/developer/office-2003/cc165083(v=office.11)';
const LISTENING_CLASS = 'WMI class MSFT_SIPListeningAddressData';
const RTC_POLICY = 'https://learn.microsoft.com/en-us/previous-versions/windows/desktop/ms775312(v=vs.85)';
const RTC_PORTS = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\RTC\\PortRange, values Enabled, ';
const ASSIGNED = `${LISTENING_CLASS}, values TLSCertIssuer and TLSCertSN`;

/** Findings that end when another certificate is assigned to the server. */
export const INSTALLED = ['cert-name.mismatch', 'cert-dates.expired', 'cert-chain.intermediate-missing'] as const;

/** The settings of Live Communications Server and its successors. */
export const MICROSOFT_SETTINGS: readonly Setting[] = [
  {
    finding: 'registration.domain-not-served',
    product: 'lync',
    setting: 'New-CsSipDomain -Identity {domain}',
    source: `${CMDLETS}/new-cssipdomain`,
  },
  {
    finding: 'registration.unknown-user',
    product: 'lync',
    setting: 'Enable-CsUser -Identity NAME -RegistrarPool POOL -SipAddress {aor}',
    source: `${CMDLETS}/enable-csuser`,
  },
  {
    finding: 'registration.forbidden',
    product: 'lync',
    setting: 'Set-CsExternalAccessPolicy with -EnableOutsideAccess $true',
    source: `${CMDLETS}/set-csexternalaccesspolicy`,
  },
  {
    finding: 'registration.kerberos-trap',
    product: 'lync',
    setting: 'Set-CsProxyConfiguration -UseNtlmForClientToProxyAuth $true',
    source: `${CMDLETS}/set-csproxyconfiguration`,
  },
  {
    finding: 'registration.domain-not-served',
    product: 'ocs',
    setting: 'Global Properties of the forest, tab General',
    source: `${SDK}-2007-r2/dd146629(v=office.13)`,
  },
  {
    finding: 'registration.domain-not-served',
    product: 'lcs',
    setting: 'for 2005 the properties of the forest, for 2003 Users Services, Global Settings, tab Domain',
    source: TOML,
  },
  {
    finding: 'registration.unknown-user',
    product: 'ocs',
    setting: 'Active Directory Users and Computers, Enable Office Communications Server Users Wizard',
    source: 'https://technet.microsoft.com/en-us/library/bb936611(v=office.12).aspx',
  },
  {
    finding: 'registration.unknown-user',
    product: 'lcs',
    setting: 'WMI class MSFT_SIPESUserSetting, values PrimaryURI, HomeServerDN and Enabled',
    source: LCS_USER,
  },
  { finding: 'registration.forbidden', product: 'ocs', setting: COMMUNICATIONS_TAB, source: OCS_USER },
  { finding: 'registration.forbidden', product: 'lcs', setting: LCS_ENABLED, source: LCS_USER },
  { finding: 'registration.account-unknown', product: 'ocs', setting: COMMUNICATIONS_TAB, source: OCS_USER },
  { finding: 'registration.account-forbidden', product: 'ocs', setting: COMMUNICATIONS_TAB, source: OCS_USER },
  { finding: 'registration.account-forbidden', product: 'lcs', setting: LCS_ENABLED, source: LCS_USER },
  {
    finding: 'registration.kerberos-trap',
    product: 'ocs',
    setting: 'Front End Properties of the pool, tab Authentication, Both NTLM and Kerberos',
    source: 'https://learn.microsoft.com/en-us/previous-versions/office/communications-server/dd572804(v=office.13)',
  },
  {
    finding: 'registration.kerberos-trap',
    product: 'lcs',
    setting: 'WMI class MSFT_SIPProxySecuritySetting, NTLM in ClientToProxyAuth',
    source: `${SDK}-2005/cc165090(v=office.11)`,
  },
  {
    finding: 'tcp-reach.refused',
    product: 'lync',
    setting:
      'Get-CsService -Registrar, Set-CsRegistrar -SipPort; at the edge Set-CsEdgeServer -AccessEdgeExternalSipPort',
    source: `${CMDLETS}/set-csregistrar`,
  },
  {
    finding: 'srv-target.foreign-domain',
    product: 'ocs',
    setting: 'HKLM\\Software\\Policies\\Microsoft\\Communicator',
    source: 'https://technet.microsoft.com/en-us/library/dd637140(v=office.13).aspx',
  },
  {
    finding: 'srv-target.foreign-domain',
    product: 'lcs',
    setting:
      'HKLM\\Software\\Policies\\Microsoft\\Messenger\\Client\\{83D4679F-B6D7-11D2-BF36-00C04FB90A03}\\_Default, or the template Rtcclient.adm',
    source: 'https://support.microsoft.com/kb/830540',
  },
  {
    finding: 'srv-records.absent',
    product: 'lync',
    setting: 'ConfigurationMode, with ServerAddressInternal, ServerAddressExternal and Transport',
    source:
      'https://learn.microsoft.com/en-us/previous-versions/office/lync-server-2013/lync-server-2013-configuring-client-bootstrapping-policies',
  },
  {
    finding: 'callback-range.too-small',
    product: 'lcs',
    setting: `${RTC_PORTS}MinSipDynamicPort and MaxSipDynamicPort`,
    source: RTC_POLICY,
  },
  {
    finding: 'media-range.too-small',
    product: 'lcs',
    setting: `${RTC_PORTS}MinMediaPort and MaxMediaPort`,
    source: RTC_POLICY,
  },
  {
    finding: 'media-range.too-small',
    product: 'ocs',
    setting:
      'HKLM\\Software\\Policies\\Microsoft\\Communicator\\PortRange, values Enabled, MinMediaPort and MaxMediaPort',
    source: 'https://technet.microsoft.com/en-us/library/bb964029(v=office.12).aspx',
  },
  ...(['tcp-reach.refused', 'tls-service.plaintext'] as const).flatMap((finding): Setting[] => [
    { finding, product: 'ocs', setting: 'Front End Properties of the server, tab General', source: OCS_LISTENING },
    {
      finding,
      product: 'lcs',
      setting: `${LISTENING_CLASS}, values Enabled, IPAddress, Port and TransportType`,
      source: LCS_LISTENING,
    },
  ]),
  ...INSTALLED.flatMap((finding): Setting[] => [
    {
      finding,
      product: 'lync',
      setting: 'Set-CsCertificate -Type Default -Thumbprint HASH, at the edge -Type AccessEdgeExternal',
      source: `${CMDLETS}/set-cscertificate`,
    },
    { finding, product: 'ocs', setting: ASSIGNED, source: OCS_LISTENING },
    { finding, product: 'lcs', setting: ASSIGNED, source: LCS_LISTENING },
  ]),
];
