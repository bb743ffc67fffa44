/** lcs: Live Communications Server 2003 and 2005; ocs: Office Communications Server 2007 and 2007 R2. */
export type Product = 'kamailio' | 'asterisk' | 'lync' | 'ocs' | 'lcs';

/** What one product calls the setting that a remedy is about. */
export interface Setting {
  /** The id of the finding. */
  finding: string;
  product: Product;
  /** `{aor}`, `{domain}`, `{account}`, `{wanted}`: from the evidence. */
  setting: string;
  /** The page of the manual. */
  source: string;
}

const CORE = 'https://www.kamailio.org/wikidocs/cookbooks/devel/core/';
const REGISTRAR = 'https://www.kamailio.org/docs/modules/stable/modules/registrar.html';
const KAMCTL = 'https://www.kamailio.org/wikidocs/tutorials/getting-started/main/';
const PJSIP =
  'https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/';
const CMDLETS = 'https://learn.microsoft.com/en-us/powershell/module/skypeforbusiness';

const SDK = 'https://learn.microsoft.com/en-us/previous-versions/office/developer/communication-server';
const TOML = 'https://blogs.technet.microsoft.com/toml/2004/11/30/lcs-2003-windows-messenger-5-connectivity/';
const OCS_USER =
  'https://docs.microsoft.com/en-us/previous-versions/office/communications-server/dd572611(v=office.13)';
const COMMUNICATIONS_TAB = 'Active Directory Users and Computers, tab Communications of the user';
const LCS_USER = `${SDK}-2005/cc165067(v=office.11)`;
const LCS_ENABLED = 'WMI class MSFT_SIPESUserSetting, values Enabled and EnabledForInternetAccess';
const LISTENING = `${SDK}-2007-R2/dd185887(v=office.13)`;
const LISTENERS = 'Front End Properties of the server, tab General';
const RTC_POLICY = 'https://msdn.microsoft.com/en-us/library/ms775312.aspx';
const RTC_PORTS = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\RTC\\PortRange, values Enabled, ';

export const SETTINGS: readonly Setting[] = [
  {
    finding: 'registration.domain-not-served',
    product: 'kamailio',
    setting: 'alias="{domain}" in kamailio.cfg',
    source: CORE,
  },
  {
    finding: 'registration.domain-not-served',
    product: 'lync',
    setting: 'New-CsSipDomain -Identity {domain}',
    source: `${CMDLETS}/new-cssipdomain`,
  },
  { finding: 'registration.unknown-user', product: 'kamailio', setting: 'kamctl add USER PASSWORD', source: KAMCTL },
  { finding: 'registration.unknown-user', product: 'asterisk', setting: 'pjsip show endpoints', source: PJSIP },
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
    finding: 'registration.not-challenged',
    product: 'kamailio',
    setting: '#!define WITH_AUTH in kamailio.cfg',
    source: KAMCTL,
  },
  {
    finding: 'registration.not-challenged',
    product: 'asterisk',
    setting: 'auth= of the endpoint in pjsip.conf',
    source: PJSIP,
  },
  {
    finding: 'registration.account-forbidden',
    product: 'kamailio',
    setting: 'max_contacts of the module registrar',
    source: REGISTRAR,
  },
  {
    finding: 'registration.account-forbidden',
    product: 'asterisk',
    setting: 'max_contacts= of the AOR in pjsip.conf',
    source: PJSIP,
  },
  {
    finding: 'registration.interval-too-brief',
    product: 'kamailio',
    setting: 'min_expires of the module registrar',
    source: REGISTRAR,
  },
  {
    finding: 'registration.interval-too-brief',
    product: 'asterisk',
    setting: 'minimum_expiration= of the AOR in pjsip.conf',
    source: PJSIP,
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
    source: 'https://technet.microsoft.com/en-us/library/dd572804(v=office.13).aspx',
  },
  { finding: 'tcp-reach.refused', product: 'ocs', setting: LISTENERS, source: LISTENING },
  { finding: 'tls-service.plaintext', product: 'ocs', setting: LISTENERS, source: LISTENING },
  {
    finding: 'cert-name.mismatch',
    product: 'ocs',
    setting: 'Certificates Wizard of the server',
    source: 'https://technet.microsoft.com/en-us/library/bb663618(TechNet.10).aspx',
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
];
