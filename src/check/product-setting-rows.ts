import { INSTALLED, MICROSOFT_SETTINGS } from './microsoft-setting-rows.ts';

/**
 * lcs: Live Communications Server 2003 and 2005; ocs: Office Communications Server 2007 and 2007 R2; mediant: the SBCs and
 * gateways of AudioCodes; cube: Cisco Unified Border Element.
 */
export type Product = 'kamailio' | 'asterisk' | 'mediant' | 'cube' | 'lync' | 'ocs' | 'lcs';

/** What one product calls the setting that a remedy is about. */
export interface Setting {
  /** The id of the finding. */
  finding: string;
  product: Product;
  /** `{aor}`, `{domain}`, `{port}`: from the evidence. */
  setting: string;
  /** The page of the manual, or the file of the product that documents it. */
  source: string;
}

const CORE = 'https://www.kamailio.org/wikidocs/cookbooks/devel/core/';
const REGISTRAR = 'https://www.kamailio.org/docs/modules/stable/modules/registrar.html';
const KAMAILIO_AUTH = 'https://www.kamailio.org/docs/modules/stable/modules/auth.html';
const KAMCTL = 'https://github.com/kamailio/kamailio/blob/master/utils/kamctl/kamctl.base';
const GETTING_STARTED = 'https://www.kamailio.org/wikidocs/tutorials/getting-started/main/';
const PJSIP =
  'https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/';
const MEDIANT = 'https://manualshive.com/en/manual/audiocodes/mediant-4000-sbc/3011146?page=376';
const CUBE = 'https://www.cisco.com/en/US/docs/ios/12_4t/12_4t11/FeatTLS.html';
const PJSIP_SAMPLE = 'https://github.com/asterisk/asterisk/blob/master/configs/samples/pjsip.conf.sample';

export const SETTINGS: readonly Setting[] = [
  {
    finding: 'registration.domain-not-served',
    product: 'kamailio',
    setting: 'alias="{domain}" in kamailio.cfg',
    source: CORE,
  },
  { finding: 'registration.unknown-user', product: 'kamailio', setting: 'kamctl add USER PASSWORD', source: KAMCTL },
  {
    finding: 'registration.unknown-user',
    product: 'asterisk',
    setting: 'a section of type=aor named like the user in pjsip.conf',
    source: PJSIP,
  },
  {
    finding: 'registration.not-challenged',
    product: 'kamailio',
    setting: '#!define WITH_MYSQL and #!define WITH_AUTH in kamailio.cfg',
    source: GETTING_STARTED,
  },
  {
    finding: 'registration.not-challenged',
    product: 'asterisk',
    setting: 'auth= of the endpoint in pjsip.conf',
    source: PJSIP,
  },
  {
    finding: 'registration.sign-in-refused',
    product: 'kamailio',
    setting: 'max_contacts of the module registrar',
    source: REGISTRAR,
  },
  {
    finding: 'registration.account-forbidden',
    product: 'asterisk',
    setting: 'aors= of the endpoint, and max_contacts= of the AOR, 0 unless it is set, in pjsip.conf',
    source: PJSIP_SAMPLE,
  },
  {
    finding: 'registration.account-unknown',
    product: 'asterisk',
    setting: 'aors= of the endpoint, and a section of type=aor named like the user, in pjsip.conf',
    source: PJSIP,
  },
  {
    finding: 'registration.credentials-rejected',
    product: 'kamailio',
    setting: 'kamctl passwd USER PASSWORD',
    source: KAMCTL,
  },
  {
    finding: 'registration.credentials-rejected',
    product: 'asterisk',
    setting: 'password= and realm= of its section type=auth in pjsip.conf',
    source: PJSIP_SAMPLE,
  },
  {
    finding: 'registration.challenge-loop',
    product: 'kamailio',
    setting: 'the same secret, and nonce_expire, of the module auth',
    source: KAMAILIO_AUTH,
  },
  {
    finding: 'registration.interval-too-brief',
    product: 'kamailio',
    setting: 'min_expires, or min_expires_mode=0, of the module registrar',
    source: REGISTRAR,
  },
  ...(['tcp-reach.refused', 'tls-service.plaintext'] as const).flatMap((finding): Setting[] => [
    { finding, product: 'kamailio', setting: 'enable_tls=yes and listen=tls:ADDRESS:{port}', source: CORE },
    {
      finding,
      product: 'asterisk',
      setting: 'protocol=tls and bind=ADDRESS:{port} of a transport in pjsip.conf',
      source: PJSIP_SAMPLE,
    },
    { finding, product: 'mediant', setting: 'TLS Port of the SIP Interface', source: MEDIANT },
    { finding, product: 'cube', setting: 'transport tcp tls under sip-ua', source: CUBE },
  ]),
  ...INSTALLED.flatMap((finding): Setting[] => [
    {
      finding,
      product: 'kamailio',
      setting: 'certificate and private_key in tls.cfg, then kamcmd tls.reload',
      source: 'https://www.kamailio.org/docs/modules/stable/modules/tls.html',
    },
    {
      finding,
      product: 'asterisk',
      setting: 'cert_file= and priv_key_file= of the transport in pjsip.conf',
      source: PJSIP_SAMPLE,
    },
    {
      finding,
      product: 'mediant',
      setting: 'the certificate of the TLS Context that the SIP Interface or the Proxy Set names',
      source: MEDIANT,
    },
    {
      finding,
      product: 'cube',
      setting: 'the trustpoint of crypto signaling under sip-ua',
      source: CUBE,
    },
  ]),
  ...MICROSOFT_SETTINGS,
];
